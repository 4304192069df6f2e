#pragma once
#include "ck_float64.h"
