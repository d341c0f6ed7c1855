using System.Runtime.InteropServices;

namespace FastTcpProxy.Engine.Transport.Linux;

/// <summary>Flags of a descriptor of any kind. Stateless; any thread that owns the descriptor.</summary>
public static class DescriptorFlags
{
    private const int GetFlags = 1, SetFlags = 2, CloseOnExec = 1;

    /// <summary>No child inherits it: FD_CLOEXEC (fcntl(2)).</summary>
    public static void SetCloseOnExec(int descriptor)
    {
        int flags = fcntl(descriptor, GetFlags, 0);
        if (flags >= 0) _ = fcntl(descriptor, SetFlags, flags | CloseOnExec);
    }

    // Blittable, so no marshalling is generated.
    [DllImport("libc")]
    private static extern int fcntl(int fd, int command, nint argument);
}
