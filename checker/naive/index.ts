export { naive, type NaiveFinding, type NaiveOptions, type NaiveResult, type NaiveStep } from "./naive.ts";
