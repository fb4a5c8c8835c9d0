document.querySelector("#page").textContent = `You are at ${location.pathname}`;
