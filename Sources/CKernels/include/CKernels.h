#pragma once
#include "ck_elementwise.h"
#include "ck_float64.h"
#include "ck_memory.h"
#include "ck_philox.h"
#include "ck_pool.h"
#include "ck_products.h"
#include "ck_rows.h"
