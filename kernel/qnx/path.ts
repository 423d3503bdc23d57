export default function qnxPath(): never { throw new Error("x"); }
