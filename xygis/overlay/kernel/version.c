/* What the library was compiled from: one that does not fit the sources beside it is not used. */
#include "kernel.h"

#ifndef XYGIS_SOURCES
#define XYGIS_SOURCES ""
#endif

EXPORT const char *xygis_sources(void) { return XYGIS_SOURCES; }
