// Asks another host, whose address is a config var, and passes its answer on.
export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    try {
      const answer = await fetch(process.env.UPSTREAM + pathname, { headers: { "x-asked-by": "hello" } });
      return new Response(`${answer.status} ${await answer.text()}`, { headers: { "x-location": answer.headers.get("location") ?? "" } });
    } catch (error) {
      console.log(`no answer: ${error}`);
      return new Response("no answer", { status: 502 });
    }
  },
};
