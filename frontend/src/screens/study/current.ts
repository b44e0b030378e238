/** The study somebody works on, kept by this browser. */
const KEPT = "gazo-study";

export const current = () => localStorage.getItem(KEPT) ?? "";
export const open = (name: string) => localStorage.setItem(KEPT, name);
export const leave = (name: string) => current() === name && localStorage.removeItem(KEPT);
