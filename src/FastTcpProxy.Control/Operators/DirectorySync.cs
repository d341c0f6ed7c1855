using System.Runtime.InteropServices;
using System.Text;

namespace FastTcpProxy.Control.Operators;

/// <summary>
/// Brings a directory's entries to the disk: a rename is not there before (fsync(2), "Calling fsync() does not necessarily ensure that the entry in the directory
/// containing the file has also reached disk"). The framework opens no directories. Any thread but a loop: it blocks.
/// </summary>
internal static unsafe class DirectorySync
{
    private const int ReadOnly = 0, DirectoryOnly = 0x10000, CloseOnExec = 0x80000;

    private const int Interrupted = 4;

    /// <summary>What fsync(2) says where there is nothing to bring anywhere: some network and FUSE file systems have no such thing for directories.</summary>
    private const int Einval = 22, Erofs = 30, Enotsup = 95;

    /// <exception cref="IOException">It cannot be opened, or the disk fails.</exception>
    public static void Flush(string directory)
    {
        fixed (byte* path = Encoding.UTF8.GetBytes(directory + '\0'))
        {
            int descriptor;
            do descriptor = open(path, ReadOnly | DirectoryOnly | CloseOnExec);
            while (descriptor < 0 && Marshal.GetLastPInvokeError() == Interrupted);
            if (descriptor < 0) throw new IOException($"{directory}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
            try
            {
                int error;
                do error = fsync(descriptor) == 0 ? 0 : Marshal.GetLastPInvokeError();
                while (error == Interrupted);
                if (error is 0 or Einval or Erofs or Enotsup) return;
                throw new IOException($"{directory}: fsync: {Marshal.GetPInvokeErrorMessage(error)}");
            }
            finally
            {
                _ = close(descriptor);
            }
        }
    }

    // With SetLastError the error is kept at once: until it is asked for, the runtime may make calls of its own.
    [DllImport("libc", SetLastError = true)]
    private static extern int open(byte* path, int flags);

    [DllImport("libc", SetLastError = true)]
    private static extern int fsync(int descriptor);

    [DllImport("libc")]
    private static extern int close(int descriptor);
}
