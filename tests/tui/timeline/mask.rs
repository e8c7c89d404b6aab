//! Personal data on the screen, masked for somebody who looks on.
