using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace FastTcpProxy.Control.Operators;

/// <summary>
/// That the state directory is this process's: a lock of the kernel (flock(2)) on a file in it, which ends with the process however that ends, so that none is
/// ever stale. The file stays and names the process that had it last. Used by one thread at a time; it owns the open file.
/// </summary>
internal sealed unsafe class StateLock : IDisposable
{
    /// <summary>Its name in the state directory.</summary>
    public const string Name = "lock";

    private const int ReadWrite = 2, Create = 0x40, CloseOnExec = 0x80000, OwnerReadWrite = 0x180;
    private const int IsLink = 40;

    /// <summary>O_NOFOLLOW, which is another bit on Arm.</summary>
    private static readonly int NoFollow = RuntimeInformation.ProcessArchitecture is Architecture.Arm or Architecture.Arm64 ? 0x8000 : 0x20000;
    private const int Exclusive = 2, NonBlocking = 4, Unlock = 8, WouldBlock = 11, Interrupted = 4;

    private readonly SafeFileHandle _file;

    private StateLock(SafeFileHandle file) => _file = file;

    /// <summary>Takes it, if nobody has it.</summary>
    /// <param name="directory">Made when it is not there.</param>
    /// <param name="holder">Who has it, for people; null: nobody.</param>
    /// <exception cref="IOException">There can be no lock: the file cannot be opened, or its file system knows none.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    public static StateLock? TryTake(string directory, out string? holder)
    {
        Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        string path = Path.Combine(directory, Name);
        SafeFileHandle file = Open(path);
        try
        {
            if (Lock(file, path))
            {
                WriteHolder(file);
                holder = null;
                return new StateLock(file);
            }
            holder = Holder(file);
        }
        catch (NotSupportedException e)
        {
            file.Dispose();
            throw new IOException($"{path}: this is no regular file", e);
        }
        catch
        {
            file.Dispose();
            throw;
        }
        file.Dispose();
        return null;
    }

    public void Dispose()
    {
        // A close alone would leave it to a child of this process that is just being made and has the file open until it executes (flock(2)).
        if (!_file.IsClosed) _ = flock((int)_file.DangerousGetHandle(), Unlock);
        _file.Dispose();
    }

    /// <summary>
    /// By the plain call: the framework can lock each file that it opens for itself, so that whoever looks would be in the way. A link is not followed: the file that it leads to
    /// would be emptied.
    /// </summary>
    private static SafeFileHandle Open(string path)
    {
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
        {
            int descriptor, error = 0;
            do descriptor = open(name, ReadWrite | Create | CloseOnExec | NoFollow, OwnerReadWrite);
            while (descriptor < 0 && (error = Marshal.GetLastSystemError()) == Interrupted);
            return descriptor >= 0
                ? new SafeFileHandle(descriptor, ownsHandle: true)
                : throw new IOException($"{path}: {(error == IsLink ? "this is a symbolic link" : Marshal.GetPInvokeErrorMessage(error))}");
        }
    }

    private static bool Lock(SafeFileHandle file, string path)
    {
        while (flock((int)file.DangerousGetHandle(), Exclusive | NonBlocking) != 0)
        {
            int error = Marshal.GetLastSystemError();
            if (error == WouldBlock) return false;
            if (error != Interrupted) throw new IOException($"{path}: flock: {Marshal.GetPInvokeErrorMessage(error)}");
        }
        return true;
    }

    /// <summary>For people alone: a full disk takes the name, not the lock.</summary>
    private static void WriteHolder(SafeFileHandle file)
    {
        try
        {
            RandomAccess.SetLength(file, 0);
            RandomAccess.Write(file, Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)), 0);
        }
        catch (IOException)
        {
            // Whoever finds it locked names "another process", or the one before.
        }
    }

    private static string Holder(SafeFileHandle file)
    {
        Span<byte> text = stackalloc byte[16];
        int length = RandomAccess.Read(file, text, 0);
        return int.TryParse(Encoding.ASCII.GetString(text[..length]), NumberStyles.None, CultureInfo.InvariantCulture, out int processId)
            ? string.Create(CultureInfo.InvariantCulture, $"process {processId}")
            : "another process";
    }

    // Blittable, so no marshalling is generated.
    [DllImport("libc")]
    private static extern int open(byte* path, int flags, uint mode);

    [DllImport("libc")]
    private static extern int flock(int descriptor, int operation);
}
