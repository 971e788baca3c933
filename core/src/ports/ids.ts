/**
 * New names for new things. Every source promises:
 *   N1. an id is a UUID in lower case;
 *   N2. no id is given twice.
 */
export interface Ids {
  next(): string;
}
