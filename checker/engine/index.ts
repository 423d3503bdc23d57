export { search } from "./explore.ts";
