// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// As examples/decode.c, in Rust: what mcnc.h declares, by hand, without crates.
use std::ffi::{c_char, c_void, CStr, CString};
use std::ptr::{null, null_mut};

#[repr(C)]
struct Error {
    code: i32,
    reserved: u32,
    offset: u64,
    rule: [c_char; 64],
    message: [c_char; 432],
}

#[repr(C)]
struct FileInfo {
    file_bytes: u64,
    output_bytes: u64,
    multiply_adds: u64,
    scratch_bytes: u64,
    tensors: u64,
    metadata: u64,
    bases: u64,
    file_digest: [u8; 32],
    weights_identity: [u8; 32],
}

#[repr(C)]
struct Tensor {
    index: u64,
    name: *const c_char,
    dtype: i32,
    rank: u32,
    shape: *const u64,
    elements: u64,
    bytes: u64,
    is_factor: i32,
    digest: [u8; 32],
}

#[link(name = "mcnc")]
extern "C" {
    fn mcnc_open_file(path: *const c_char, limits: *const c_void, file: *mut *mut c_void, error: *mut Error) -> i32;
    fn mcnc_get_info(file: *const c_void, info: *mut FileInfo, error: *mut Error) -> i32;
    fn mcnc_tensor_at(file: *const c_void, index: u64, tensor: *mut Tensor, error: *mut Error) -> i32;
    fn mcnc_decoder_create(file: *const c_void, execution: *const c_void, decoder: *mut *mut c_void, error: *mut Error) -> i32;
    fn mcnc_decode(decoder: *mut c_void, index: u64, out: *mut c_void, bytes: usize, error: *mut Error) -> i32;
    fn mcnc_decoder_destroy(decoder: *mut c_void);
    fn mcnc_close(file: *mut c_void);
}

unsafe fn decode(path: &CStr, file: &mut *mut c_void, decoder: &mut *mut c_void, error: &mut Error) -> Result<(), i32> {
    let check = |code: i32| if code == 0 { Ok(()) } else { Err(code) };
    let mut info: FileInfo = std::mem::zeroed();
    check(mcnc_open_file(path.as_ptr(), null(), file, error))?;
    check(mcnc_get_info(*file, &mut info, error))?;
    check(mcnc_decoder_create(*file, null(), decoder, error))?;
    for i in 0..info.tensors {
        let mut tensor: Tensor = std::mem::zeroed();
        check(mcnc_tensor_at(*file, i, &mut tensor, error))?;
        if tensor.is_factor != 0 {
            continue;
        }
        let mut weights = vec![0u8; tensor.bytes as usize];
        check(mcnc_decode(*decoder, i, weights.as_mut_ptr().cast(), weights.len(), error))?;
        println!("{}: {} bytes", CStr::from_ptr(tensor.name).to_string_lossy(), weights.len());
    }
    Ok(())
}

fn main() {
    let path = CString::new(std::env::args().nth(1).expect("a file")).expect("a path");
    let code = unsafe {
        let mut error: Error = std::mem::zeroed();
        let (mut file, mut decoder) = (null_mut(), null_mut());
        let result = decode(&path, &mut file, &mut decoder, &mut error);
        if result.is_err() {
            eprintln!("{}", CStr::from_ptr(error.message.as_ptr()).to_string_lossy());
        }
        mcnc_decoder_destroy(decoder);
        mcnc_close(file);
        result.err().unwrap_or(0)
    };
    std::process::exit(code / 100);
}
