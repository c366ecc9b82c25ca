"""A picture in the style of another: networks that see content and style in pictures, and the search for a picture that has
the one of this and the other of that (Gatys 2016).  May be asked without a run; knows neither store nor pages."""
