// Lists the formats in which a run prints its report.

export const OUTPUT_FORMATS = ['text', 'json', 'tap'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];
