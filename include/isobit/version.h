/* Versions. ISB_NUMERICS changes whenever a rule of docs/numerics.md does: results of different
 * numerics versions are different results. */
#ifndef ISOBIT_VERSION_H
#define ISOBIT_VERSION_H

#define ISB_VERSION "0.1.0"
#define ISB_NUMERICS 1

#endif
