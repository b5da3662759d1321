"""The maker of the reference atlas in `layers/`, kept with the tests because it is not part of the product."""
