using System.Runtime.InteropServices;
using FastTcpProxy.Engine.Transport.Linux;
using Microsoft.Win32.SafeHandles;

namespace FastTcpProxy.Control.Overrides.Storage;

/// <summary>
/// Flushes to the disk what was written: the content of a file, and the entries of a directory, without which a rename may be lost
/// (fsync(2), "Calling fsync() does not necessarily ensure that the entry in the directory containing the file has also reached disk"). The
/// framework opens no directories. Any thread but a loop: it blocks.
/// </summary>
internal static class DiskFlush
{
    /// <summary>
    /// What fsync(2) says where there is nothing to bring anywhere: some network and FUSE file systems have no such thing for directories.
    /// </summary>
    private const int Einval = 22, Erofs = 30, Enotsup = 95;

    /// <summary>Brings a directory's entries to the disk.</summary>
    /// <exception cref="IOException">It cannot be opened, or the disk fails.</exception>
    public static void OfDirectory(string directory)
    {
        int descriptor = NativeDescriptor.Open(directory, NativeDescriptor.DirectoryOnly);
        if (descriptor < 0) throw new IOException($"{directory}: {Marshal.GetPInvokeErrorMessage(-descriptor)}");
        using SafeFileHandle opened = new(descriptor, ownsHandle: true);
        OfFile(opened, directory);
    }

    /// <summary>
    /// Brings a file's content to the disk. Not by the framework's FlushToDisk: where fsync(2) failed, it was seen to report success.
    /// </summary>
    /// <exception cref="IOException">The disk fails.</exception>
    public static void OfFile(SafeFileHandle file, string path)
    {
        int error;
        do error = fsync((int)file.DangerousGetHandle()) == 0 ? 0 : Math.Max(Marshal.GetLastSystemError(), 1);
        while (error == Errno.Eintr);
        if (error is 0 or Einval or Erofs or Enotsup) return;
        throw new IOException($"{path}: fsync: {Marshal.GetPInvokeErrorMessage(error)}");
    }

    [DllImport("libc")]
    private static extern int fsync(int descriptor);
}
