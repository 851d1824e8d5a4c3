//! Principal components: the two directions in which the rows differ most.
//!
//! The covariance is small (as wide as a code), so its eigenvectors are found by Jacobi's
//! rotations: slow for large matrices, but without a random start and always convergent.

/// The rows of `code` (`[n, columns]`, row-major) along their first two principal
/// components. A component's sign is such that its entry of the largest size is positive.
/// Columns that hold a number that is not finite count as zero there.
pub fn pca(code: &[f32], columns: usize) -> Vec<[f32; 2]> {
    if columns == 0 {
        return Vec::new();
    }
    let centred = centre(code, columns);
    let components = components(&centred, columns, 2);
    let along = |row: &[f64], component: usize| {
        let direction = components.get(component).map_or(&[][..], Vec::as_slice);
        row.iter().zip(direction).map(|(x, d)| x * d).sum::<f64>() as f32
    };
    centred.chunks_exact(columns).map(|row| [along(row, 0), along(row, 1)]).collect()
}

/// `code` less the mean of each column, in double precision.
fn centre(code: &[f32], columns: usize) -> Vec<f64> {
    let finite = |x: &f32| if x.is_finite() { f64::from(*x) } else { 0.0 };
    let rows = code.len() / columns;
    let mut means = vec![0.0; columns];
    for row in code.chunks_exact(columns) {
        for (mean, x) in means.iter_mut().zip(row) {
            *mean += finite(x) / rows as f64;
        }
    }
    let less = |row: &[f32]| row.iter().zip(&means).map(|(x, mean)| finite(x) - mean).collect::<Vec<f64>>();
    code.chunks_exact(columns).flat_map(less).collect()
}

/// The eigenvectors of the covariance with the largest eigenvalues, largest first; each as
/// long as a row.
fn components(centred: &[f64], n: usize, count: usize) -> Vec<Vec<f64>> {
    let mut covariance = vec![0.0; n * n];
    for row in centred.chunks_exact(n) {
        for (i, x) in row.iter().enumerate() {
            for (j, y) in row.iter().enumerate().take(i + 1) {
                covariance[i * n + j] += x * y;
            }
        }
    }
    for i in 0..n {
        for j in 0..i {
            covariance[j * n + i] = covariance[i * n + j];
        }
    }
    let vectors = jacobi(&mut covariance, n);
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&a, &b| covariance[b * n + b].total_cmp(&covariance[a * n + a]));
    let component = |&column: &usize| {
        let vector: Vec<f64> = (0..n).map(|row| vectors[row * n + column]).collect();
        let largest =
            vector.iter().fold(0.0_f64, |best, &x| if x.abs() > best.abs() + 1e-12 { x } else { best });
        let sign = if largest < 0.0 { -1.0 } else { 1.0 };
        vector.iter().map(|x| x * sign).collect()
    };
    order.iter().take(count).map(component).collect()
}

/// Makes the symmetric `matrix` diagonal by rotations in order of its cells; returns the
/// eigenvectors as columns.
fn jacobi(matrix: &mut [f64], n: usize) -> Vec<f64> {
    let mut vectors = vec![0.0; n * n];
    for i in 0..n {
        vectors[i * n + i] = 1.0;
    }
    // Six to ten sweeps are enough for any matrix; the bound is for safety.
    for _ in 0..30 {
        let off: f64 =
            (0..n).flat_map(|i| (0..i).map(move |j| (i, j))).map(|(i, j)| matrix[i * n + j].abs()).sum();
        let diagonal: f64 = (0..n).map(|i| matrix[i * n + i].abs()).sum();
        // The comparison also ends on NaN.
        if off.partial_cmp(&(diagonal * 1e-14)) != Some(std::cmp::Ordering::Greater) {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                rotate(matrix, &mut vectors, n, [p, q]);
            }
        }
    }
    vectors
}

/// One rotation in the plane of rows `p` and `q` that makes their cell zero.
fn rotate(matrix: &mut [f64], vectors: &mut [f64], n: usize, [p, q]: [usize; 2]) {
    let cell = matrix[p * n + q];
    if cell == 0.0 {
        return;
    }
    let theta = (matrix[q * n + q] - matrix[p * n + p]) / (2.0 * cell);
    let t = theta.signum() / (theta.abs() + libm::sqrt(theta * theta + 1.0));
    let cos = 1.0 / libm::sqrt(t * t + 1.0);
    let sin = t * cos;
    for k in 0..n {
        let (a, b) = (matrix[k * n + p], matrix[k * n + q]);
        matrix[k * n + p] = cos * a - sin * b;
        matrix[k * n + q] = sin * a + cos * b;
    }
    for k in 0..n {
        let (a, b) = (matrix[p * n + k], matrix[q * n + k]);
        matrix[p * n + k] = cos * a - sin * b;
        matrix[q * n + k] = sin * a + cos * b;
        let (a, b) = (vectors[k * n + p], vectors[k * n + q]);
        vectors[k * n + p] = cos * a - sin * b;
        vectors[k * n + q] = sin * a + cos * b;
    }
}

#[cfg(test)]
mod tests {
    use super::pca;

    #[test]
    fn the_first_component_is_the_longest_direction() {
        // A long ellipse along (3, 4) / 5, its short axis along (−4, 3) / 5.
        let rows: Vec<f32> = (0..100)
            .flat_map(|i| {
                let angle = i as f32 * 0.0628;
                let (long, short) = (10.0 * libm::cosf(angle), libm::sinf(angle));
                [7.0 + 0.6 * long - 0.8 * short, -2.0 + 0.8 * long + 0.6 * short]
            })
            .collect();
        let points = pca(&rows, 2);
        for (i, [x, y]) in points.iter().enumerate() {
            let angle = i as f32 * 0.0628;
            assert!((x - 10.0 * libm::cosf(angle)).abs() < 0.05, "{i} {x}");
            assert!((y.abs() - libm::sinf(angle).abs()).abs() < 0.05, "{i} {y}");
        }
    }

    #[test]
    fn any_rows_have_points() {
        assert_eq!(pca(&[], 3), [[0.0_f32; 2]; 0]);
        assert_eq!(pca(&[], 0), [[0.0_f32; 2]; 0]);
        assert_eq!(pca(&[1.0, 2.0], 1), [[-0.5, 0.0], [0.5, 0.0]]);
        assert_eq!(pca(&[5.0; 6], 3), [[0.0; 2]; 2]);
        assert!(pca(&[f32::NAN, 1.0, f32::INFINITY, 2.0], 2).iter().flatten().all(|x| x.is_finite()));
    }
}
