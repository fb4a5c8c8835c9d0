// Calls whom its visitor names, as an app with a hole does, and follows wherever it is led. It says how far it got.
export default {
  async fetch(request) {
    let url = new URL(request.url).searchParams.get("url");
    let bytes = 0;
    try {
      for (;;) {
        const answer = await fetch(url, { redirect: "manual" });
        if (answer.headers.has("location")) {
          url = answer.headers.get("location");
          continue;
        }
        const reader = answer.body.getReader();
        for (let piece = await reader.read(); !piece.done; piece = await reader.read()) bytes += piece.value.length;
        return new Response(`${answer.status}, ${bytes} bytes`);
      }
    } catch (error) {
      return new Response(`no answer after ${bytes} bytes: ${error}`, { status: 502 });
    }
  },
};
