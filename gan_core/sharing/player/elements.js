/* Elements of a page: found by their id, and made.  Text is only ever text: what people have written makes no element. */
"use strict";

const $ = (id) => document.getElementById(id);

const element = (name, attributes = {}, ...children) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
};
