export type CompilerCode = `IPC${number}`;
