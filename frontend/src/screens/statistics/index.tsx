export { default } from "../measure";
