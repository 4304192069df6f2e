"""The coefficients of exp, erf, tanh and log in Sources/CKernels/functions.h: polynomials of least weighted error.

Needs numpy and mpmath. Usage: fit_functions.py     (prints the greatest error and the coefficients of each)"""
import numpy as np, mpmath as mp
mp.mp.dps=30
# weighted remez-ish by Lawson iterations: minimise max |w*(f - p)|
def fit(f, w, a, b, powers, n=4000, it=200):
    k=np.arange(n); x=(a+b)/2+(b-a)/2*np.cos((2*k+1)*np.pi/(2*n))
    y=np.array([float(f(mp.mpf(float(v)))) for v in x],dtype=np.longdouble); ww=np.array([float(w(mp.mpf(float(v)))) for v in x])
    A=np.stack([x**p for p in powers],1).astype(float); lam=np.ones(n)/n
    best=None
    for _ in range(it):
        s=np.sqrt(lam)*ww
        c,*_=np.linalg.lstsq(A*s[:,None],(y.astype(float))*s,rcond=None)
        e=np.abs(A@c-y.astype(float))*ww
        m=e.max()
        if best is None or m<best[0]: best=(m,c)
        lam=lam*e; lam/=lam.sum()
    return best
def show(name,r): print(name,"max weighted err",r[0]); print("  ",[f"{v:.9e}f" for v in r[1]])
# exp(r)= 1 + r + r^2 * P(r)
show("exp", fit(lambda r:(mp.exp(r)-1-r)/r**2, lambda r:r**2/mp.exp(r), -0.34658,0.34658,range(0,5)))
# erf(x)= x + x*P(x^2), |x|<=1
show("erf small", fit(lambda x:(mp.erf(x)/x-1), lambda x:x/mp.erf(x), 1e-9,1.0,[0,2,4,6,8,10,12]))
# log(erfc(x)) = -x*Q(x)  on [1,4]; weight erfc*|x| /erf
for deg in (6,7,8):
  show(f"erf large {deg}", fit(lambda x:mp.log(mp.erfc(x))/x, lambda x:mp.erfc(x)*x/mp.erf(x), 0.95,4.0,range(0,deg+1)))
# tanh(x)= x + x^3 P(x^2), |x|<=0.625
show("tanh", fit(lambda x:(mp.tanh(x)/x-1)/x**2, lambda x:x**3/mp.tanh(x), 1e-3,0.65,[0,2,4,6,8]))
# log(1+f) f in [sqrt(.5)-1, sqrt2-1]: log1p = f - f^2/2 + f^3*P(f)
show("log", fit(lambda f:(mp.log(1+f)-f+f*f/2)/f**3, lambda f:abs(f**3/mp.log(1+f)), -0.293,0.4143,range(0,9)))
