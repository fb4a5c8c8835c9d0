const GREETING = process.env.GREETING ?? "Hello";

export default {
  fetch(request) {
    console.log(`greeting ${new URL(request.url).pathname}`);
    return new Response(`${GREETING}, world!\n`);
  },
};
