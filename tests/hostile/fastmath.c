/* Built with -Ofast: the compiler links start-up code that flushes subnormals in every program that
 * loads this. */
float halve(float x);

float halve(float x) { return x * 0.5f; }
