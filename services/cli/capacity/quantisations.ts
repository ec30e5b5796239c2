/** Bits a weight, of a whole 8B model quantised by llama.cpp: the table of tools/quantize/README.md for Llama-3.1-8B. */
export const bitsPerWeight: Readonly<Record<string, number>> = {
  Q3_K_L: 4.2979,
  IQ4_XS: 4.4597,
  Q4_K_S: 4.6672,
  Q4_K_M: 4.8944,
  Q5_K_S: 5.5704,
  Q5_K_M: 5.7036,
  Q6_K: 6.5633,
  Q8_0: 8.5008,
  F16: 16.0005,
};
