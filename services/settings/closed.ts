/** A section of the settings: nothing but what it names, and its defaults where it is not there. */
export const closed = { additionalProperties: false, default: {} } as const;
