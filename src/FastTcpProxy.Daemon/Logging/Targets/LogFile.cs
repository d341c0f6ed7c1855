using System.Runtime.InteropServices;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Transport.Linux;

namespace FastTcpProxy.Daemon.Logging.Targets;

/// <summary>
/// A file that lines are appended to (O_APPEND, open(2)): what two processes write during a take-over, each by one call, does not mix. It
/// is opened again on request, and within a second after another file has taken its place: the signal of a rotation reaches the serving
/// process alone, and an earlier one that drains must not write to what is compressed by then. A file that was deleted is made anew, or
/// each write is an error: no record goes where no reader finds it. Opened by any thread, then used by the thread of the log. It owns the
/// descriptor.
/// </summary>
internal sealed class LogFile : IByteSink
{
    private const int WriteOnly = 1, Exclusive = 0x80, Append = 0x400, NonBlocking = 0x800;

    /// <summary>How often it is looked whether the path names another file.</summary>
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    /// <summary>How long a line that another process is about to append may take.</summary>
    private static readonly TimeSpan LineWait = TimeSpan.FromMilliseconds(20);

    private readonly string _path;
    private readonly UnixFileMode _mode;
    private readonly TimeProvider _time;
    private int _descriptor;
    private long _lookedAt;
    private bool _torn;

    // While the file that is open was deleted, and no other can be opened.
    private int _fault;

    private LogFile(string path, UnixFileMode mode, int descriptor, TimeProvider time)
    {
        _path = path;
        _mode = mode;
        _descriptor = descriptor;
        _time = time;
        _lookedAt = time.GetTimestamp();
        _torn = EndsWithinALine();
    }

    public string Name => $"the file {_path}";

    public bool IsFile => true;

    /// <param name="path">Absolute.</param>
    /// <param name="mode">Of a file that is not there yet, whatever the umask.</param>
    /// <exception cref="LogTargetException">It cannot be opened, or is no regular file.</exception>
    public static LogFile Open(string path, UnixFileMode mode, TimeProvider time)
    {
        int descriptor = OpenDescriptor(path, mode, out string? why);
        return why is null ? new LogFile(path, mode, descriptor, time) : throw new LogTargetException(why);
    }

    public int Write(ReadOnlySpan<byte> bytes)
    {
        if (_time.GetElapsedTime(_lookedAt) > LookInterval) FollowAnotherFile();
        if (_fault < 0) return _fault;
        if (_torn)
        {
            int ended = NativeDescriptor.Write(_descriptor, "\n"u8);
            if (ended < 0) return ended;
            _torn = false;
        }
        return NativeDescriptor.Write(_descriptor, bytes);
    }

    public ReopenOutcome Reopen()
    {
        _lookedAt = _time.GetTimestamp();
        int descriptor = OpenDescriptor(_path, _mode, out string? why);
        _fault = why is not null && !UnixSocketFile.HasPath(_descriptor) ? descriptor : 0;
        if (why is not null) return new ReopenOutcome(_path, why);
        NativeDescriptor.Close(_descriptor);
        _descriptor = descriptor;
        _torn = EndsWithinALine();
        return new ReopenOutcome(_path, null);
    }

    public void Dispose()
    {
        if (_descriptor < 0) return;
        NativeDescriptor.Close(_descriptor);
        _descriptor = -1;
    }

    /// <summary>
    /// A path that names nothing is left alone while the file has another one: a rotation that is under way makes the new file itself.
    /// </summary>
    private void FollowAnotherFile()
    {
        _lookedAt = _time.GetTimestamp();
        if (!UnixSocketFile.HasPath(_descriptor))
        {
            Reopen();
            return;
        }
        int there = NativeDescriptor.Open(_path, NativeDescriptor.PathOnly);
        if (there < 0) return;
        FileIdentity? found = UnixSocketFile.Identify(there);
        NativeDescriptor.Close(there);
        if (found is not null && found != UnixSocketFile.Identify(_descriptor)) Reopen();
    }

    /// <summary>Opens for appending, and makes the file where there is none. Does not wait for the reader of a pipe.</summary>
    /// <returns>The descriptor; negative: the error number (errno(3)).</returns>
    private static int OpenDescriptor(string path, UnixFileMode mode, out string? why)
    {
        const int flags = WriteOnly | Append | NonBlocking;
        why = null;
        int descriptor = NativeDescriptor.Open(path, flags);
        if (descriptor == -Errno.Enoent)
        {
            descriptor = NativeDescriptor.Open(path, flags | NativeDescriptor.Create | Exclusive, (uint)mode);
            if (descriptor >= 0) NativeDescriptor.SetMode(descriptor, (uint)mode);
            // Another process was faster.
            else if (descriptor == -Errno.Eexist) descriptor = NativeDescriptor.Open(path, flags);
        }
        if (descriptor < 0)
        {
            why = descriptor == -Errno.Enoent
                ? $"the directory {Path.GetDirectoryName(path)} does not exist; create it for the user that runs the proxy"
                : $"{path} cannot be opened for writing: {Marshal.GetPInvokeErrorMessage(-descriptor)}";
            return descriptor;
        }
        if (!UnixSocketFile.IsRegular(descriptor))
        {
            NativeDescriptor.Close(descriptor);
            why = $"{path} is not a regular file";
            return -Errno.Einval;
        }
        return descriptor;
    }

    /// <summary>Whether a process was killed within a line. One that is being appended is whole a moment later.</summary>
    private bool EndsWithinALine()
    {
        try
        {
            long length = Look(out bool isWithin);
            if (!isWithin) return false;
            Thread.Sleep(LineWait);
            return Look(out isWithin) == length && isWithin;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It may be written and not read.
            return false;
        }
    }

    private long Look(out bool isWithinALine)
    {
        using FileStream file = new(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        isWithinALine = false;
        long length = file.Length;
        if (length == 0) return 0;
        file.Position = length - 1;
        isWithinALine = file.ReadByte() is >= 0 and not '\n';
        return length;
    }
}

/// <summary>A log cannot be written where the configuration says.</summary>
internal sealed class LogTargetException(string message) : Exception(message);
