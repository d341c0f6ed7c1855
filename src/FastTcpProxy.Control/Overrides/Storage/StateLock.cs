using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using FastTcpProxy.Engine.Transport.Linux;
using Microsoft.Win32.SafeHandles;

namespace FastTcpProxy.Control.Overrides.Storage;

/// <summary>
/// The lock that makes the state directory this process's: a lock of the kernel (flock(2)) on a file in it. It ends with the process in
/// every case, so it is never stale. The file stays and names the process that had it last. Used by one thread at a time; it owns the open
/// file.
/// </summary>
internal sealed class StateLock : IDisposable
{
    /// <summary>Its name in the state directory.</summary>
    public const string Name = "lock";

    /// <summary>
    /// How often the file is locked again when another has taken its place meanwhile: once for each process that comes at the same moment.
    /// A program that removes it more often does so on purpose, or by a defect.
    /// </summary>
    public const int TriesMax = 8;

    /// <summary>A number, a blank, and the name of a namespace.</summary>
    private const int HolderBytesMax = 64;

    private const int OwnerReadWrite = 0x180, IsLink = 40;
    private const int Exclusive = 2, NonBlocking = 4, Unlock = 8;

    private readonly SafeFileHandle _file;
    private readonly string _path;

    private StateLock(SafeFileHandle file, string path)
    {
        _file = file;
        _path = path;
    }

    /// <summary>
    /// Whether the file that is locked is still the one at its path. The lock belongs to the file, not to its name: when it was removed,
    /// the next process makes another and locks that.
    /// </summary>
    public bool IsInPlace => IsAt(_path, _file);

    /// <summary>Takes it, if it is free.</summary>
    /// <param name="directory">Made when it is not there.</param>
    /// <param name="holder">Who has it, for people; null: it is free.</param>
    /// <exception cref="IOException">There can be no lock: the file cannot be opened, or its file system knows none.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public static StateLock? TryTake(string directory, out string? holder) => TryTake(directory, out holder, static () => { });

    /// <param name="opened">Called between the opening of the file and its locking, where another process may remove it.</param>
    /// <inheritdoc cref="TryTake(string, out string?)"/>
    internal static StateLock? TryTake(string directory, out string? holder, Action opened)
    {
        StateDirectory.Make(directory);
        string path = Path.Combine(directory, Name);
        for (int i = 0; i < TriesMax; i++)
        {
            if (TryTakeFile(path, out StateLock? taken, out holder, opened)) return taken;
        }
        throw new IOException($"{path}: the file was removed or replaced {TriesMax} times while it was being locked, "
            + "expected no other process to touch it");
    }

    /// <summary>False: another file has taken the place of the one that was locked, or nothing has.</summary>
    private static bool TryTakeFile(string path, out StateLock? taken, out string? holder, Action opened)
    {
        taken = null;
        holder = null;
        SafeFileHandle file = Open(path);
        try
        {
            opened();
            if (Lock(file, path))
            {
                if (IsAt(path, file))
                {
                    WriteHolder(file);
                    taken = new StateLock(file, path);
                    return true;
                }
                Release(file);
                return false;
            }
            holder = Holder(file);
        }
        catch (NotSupportedException e)
        {
            file.Dispose();
            throw new IOException($"{path}: this is not a regular file", e);
        }
        catch
        {
            file.Dispose();
            throw;
        }
        file.Dispose();
        return true;
    }

    public void Dispose() => Release(_file);

    private static void Release(SafeFileHandle file)
    {
        // A close alone would leave it to a child of this process that is just being made and has the file open until it executes
        // (flock(2)).
        if (!file.IsClosed) _ = flock((int)file.DangerousGetHandle(), Unlock);
        file.Dispose();
    }

    /// <summary>
    /// By the file's identity. Where the kernel tells of none (statx(2) is newer than some sandboxes), the path has to do.
    /// </summary>
    private static bool IsAt(string path, SafeFileHandle file) =>
        UnixSocketFile.Identify((int)file.DangerousGetHandle()) is not { } own || UnixSocketFile.Identify(path) == own;

    /// <summary>
    /// By the plain call: the framework can lock each file that it opens for itself, so that a reader would be in the way. A link is not
    /// followed: the file that it leads to would be emptied.
    /// </summary>
    private static SafeFileHandle Open(string path)
    {
        int descriptor = NativeDescriptor.Open(
            path, NativeDescriptor.ReadWrite | NativeDescriptor.Create | NativeDescriptor.NoFollow, OwnerReadWrite);
        return descriptor >= 0
            ? new SafeFileHandle(descriptor, ownsHandle: true)
            : throw new IOException(
                $"{path}: {(descriptor == -IsLink ? "this is a symbolic link" : Marshal.GetPInvokeErrorMessage(-descriptor))}");
    }

    private static bool Lock(SafeFileHandle file, string path)
    {
        while (flock((int)file.DangerousGetHandle(), Exclusive | NonBlocking) != 0)
        {
            int error = Marshal.GetLastSystemError();
            if (error == Errno.Eagain) return false;
            if (error != Errno.Eintr) throw new IOException($"{path}: flock: {Marshal.GetPInvokeErrorMessage(error)}");
        }
        return true;
    }

    /// <summary>For people alone: a full disk takes the name, not the lock.</summary>
    private static void WriteHolder(SafeFileHandle file)
    {
        try
        {
            RandomAccess.SetLength(file, 0);
            RandomAccess.Write(file,
                Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId} {Namespace}")), 0);
        }
        catch (IOException)
        {
            // A process that finds it locked names "another process", or the one before.
        }
    }

    private static string Holder(SafeFileHandle file)
    {
        Span<byte> text = stackalloc byte[HolderBytesMax];
        string[] fields = Encoding.ASCII.GetString(text[..RandomAccess.Read(file, text, 0)]).Split(' ');
        if (!int.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out int processId)) return "another process";
        // Number 1 is in every container.
        string where = fields.Length > 1 && fields[1] != Namespace ? " of another PID namespace (container)" : "";
        return string.Create(CultureInfo.InvariantCulture, $"process {processId}{where}");
    }

    /// <summary>
    /// In which the number of this process counts: "pid:[4026531836]" (pid_namespaces(7)); empty where /proc is not there.
    /// </summary>
    private static string Namespace
    {
        get
        {
            try
            {
                return new FileInfo("/proc/self/ns/pid").LinkTarget ?? "";
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return "";
            }
        }
    }

    // Blittable, so no marshalling is generated.
    [DllImport("libc")]
    private static extern int flock(int descriptor, int operation);
}
