/* How many numbers an array of a shape has: for those who compute, and for those who draw inputs. */
"use strict";

const product = (sizes) => sizes.reduce((all, size) => all * size, 1);
