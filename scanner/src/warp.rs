//! From the modules of a code to the pixels of a picture: a plane in space seen by a camera.

use crate::linear::solve;

/// Maps places in modules to places in pixels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Warp([f32; 8]);

impl Warp {
    /// Four places in modules and where they are in the picture. `None` if three of them are in line.
    pub(crate) fn new(from: [(f32, f32); 4], to: [(f32, f32); 4]) -> Option<Self> {
        let mut m = [[0f64; 9]; 8];
        for i in 0..4 {
            let (u, v) = (f64::from(from[i].0), f64::from(from[i].1));
            let (x, y) = (f64::from(to[i].0), f64::from(to[i].1));
            m[2 * i] = [u, v, 1.0, 0.0, 0.0, 0.0, -u * x, -v * x, x];
            m[2 * i + 1] = [0.0, 0.0, 0.0, u, v, 1.0, -u * y, -v * y, y];
        }
        Some(Self(solve(m)?.map(|v| v as f32)))
    }

    /// Where a place in modules is in the picture.
    pub(crate) fn at(&self, u: f32, v: f32) -> (f32, f32) {
        let m = &self.0;
        let z = m[6] * u + m[7] * v + 1.0;
        ((m[0] * u + m[1] * v + m[2]) / z, (m[3] * u + m[4] * v + m[5]) / z)
    }
}
