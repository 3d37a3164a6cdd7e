let right = 0;
let asked = 0;
let product = 0;

function ask() {
  const a = 2 + Math.floor(Math.random() * 8);
  const b = 2 + Math.floor(Math.random() * 8);
  product = a * b;
  document.getElementById("question").textContent = `${a} × ${b} = ?`;
}

document.getElementById("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const field = document.getElementById("answer");
  asked += 1;
  right += Number(field.value) === product ? 1 : 0;
  field.value = "";
  document.getElementById("score").textContent = `${right} of ${asked}`;
  ask();
});

ask();
