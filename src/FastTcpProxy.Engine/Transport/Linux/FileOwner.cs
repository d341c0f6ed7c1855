using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace FastTcpProxy.Engine.Transport.Linux;

/// <summary>The owners of files. Stateless, any thread but a loop: it asks the file system.</summary>
public static class FileOwner
{
    /// <summary>The user to whom everything is open anyway.</summary>
    public const uint Root = 0;

    /// <summary>The user that this process acts as.</summary>
    public static uint Self => geteuid();

    /// <summary>The user that an open file belongs to; null where the file system does not say it.</summary>
    public static uint? Of(SafeFileHandle file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return UnixSocketFile.OwnerOf((int)file.DangerousGetHandle());
    }

    [DllImport("libc")]
    private static extern uint geteuid();
}
