export { About } from "./about";
export { useCatalog } from "./catalog";
export { grouped, type Group } from "./groups";
export { InputPicker, Inputs, type InputPickerProps } from "./input_picker";
export { OptionForm, type Change, type OptionFormProps } from "./option_form";
export { RunWatch } from "./run_watch";
export type { Catalog, Entry, OneInput, Option, Values } from "./types";
export { allowed, shown, valueOf, wrong } from "./values";
