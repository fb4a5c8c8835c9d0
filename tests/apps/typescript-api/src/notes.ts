export interface Note {
  id: number;
  text: string;
}

export const NOTES: Note[] = [
  { id: 1, text: "Push source, get an app." },
  { id: 2, text: "Every release keeps its own URL." },
];
