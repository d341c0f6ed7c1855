using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace FastTcpProxy.Control.Operators;

/// <summary>
/// Brings a directory's entries to the disk: a rename is not there before (fsync(2), "Calling fsync() does not necessarily ensure that the entry in the directory
/// containing the file has also reached disk"). The framework opens no directories. Any thread but a loop: it blocks.
/// </summary>
internal static unsafe class DirectorySync
{
    private const int ReadOnly = 0, DirectoryOnly = 0x10000, CloseOnExec = 0x80000;

    private const int Interrupted = 4;

    /// <exception cref="IOException">It cannot be opened, or the disk fails.</exception>
    public static void Flush(string directory)
    {
        using SafeFileHandle opened = Open(directory);
        try
        {
            // Where a file system has no such thing for directories (EINVAL, EROFS, ENOTSUP) this is no failure.
            RandomAccess.FlushToDisk(opened);
        }
        catch (IOException e)
        {
            throw new IOException($"{directory}: fsync: {e.Message}", e);
        }
    }

    private static SafeFileHandle Open(string directory)
    {
        fixed (byte* path = Encoding.UTF8.GetBytes(directory + '\0'))
        {
            int descriptor;
            do descriptor = open(path, ReadOnly | DirectoryOnly | CloseOnExec);
            while (descriptor < 0 && Marshal.GetLastSystemError() == Interrupted);
            return descriptor >= 0
                ? new SafeFileHandle(descriptor, ownsHandle: true)
                : throw new IOException($"{directory}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastSystemError())}");
        }
    }

    [DllImport("libc")]
    private static extern int open(byte* path, int flags);
}
