import "./style.css";

const shown: HTMLElement | null = document.querySelector("#path");
if (shown) shown.textContent = `This is ${location.pathname}, built for ${import.meta.env.MODE}`;
