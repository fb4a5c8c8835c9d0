export const PAGES = {
  index: "# GREETING from Yarn\n\nRead [more](/pages/more).",
  more: "| a | table |\n|---|---|\n| of | Markdown |\n",
};
