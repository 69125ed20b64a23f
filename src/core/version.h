/*
 * version.h - what this is; the build file and the changelog say the same.
 */
#pragma once

#define MILEPOST_VERSION "0.1.0"
