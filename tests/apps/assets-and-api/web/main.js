document.body.append(await (await fetch("/api/notes")).text());
