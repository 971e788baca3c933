/** How many numbers of a sorted list are below `value`, and so the index of the first that is not. */
export function lowerBound(sorted: Int32Array | Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
