// Leaving replaces this page, so that the Back button does not lead here again.
document.querySelector(".exit").addEventListener("click", (event) => {
  event.preventDefault();
  document.body.hidden = true;
  location.replace(event.currentTarget.href);
});
