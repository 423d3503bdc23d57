/**
 * Names of rights. Every task names a port by the same small number, so that a name can travel in a message: the number
 * of the object plus one for its receive and send rights, and sixteen more for send-once rights, whose names are their
 * own. Mach gives each task names of its own choosing; nothing that a protocol can see depends on which.
 */

/** MACH_PORT_NULL. */
export const none = 0;
/** MACH_PORT_DEAD: what a right to a port that has died arrives as. */
export const dead = 31;
/** Objects that can be named: ports, port sets and tasks together. */
export const objectLimit = 15;

/** The name of the receive and send rights of an object. */
export const nameOf = (object: number): number => object + 1;
/** The name of a send-once right. */
export const onceNameOf = (object: number): number => object + 1 + objectLimit;
export const isOnce = (name: number): boolean => name > objectLimit;
/** The number of the object that a name stands for. */
export const objectOf = (name: number): number => (name > objectLimit ? name - 1 - objectLimit : name - 1);
/** It names something, alive or not. */
export const isName = (name: number): boolean => name !== none && name !== dead;
