using System.Collections.Immutable;
using System.Globalization;
using System.Net;

namespace FastTcpProxy.Engine.Transport.Linux;

/// <summary>
/// Listening sockets that this process was given by another one, to be used where the configuration names their address. One thread, no
/// loop. It owns the descriptors until a listener takes them; <see cref="Dispose"/> closes those that are left.
/// </summary>
public sealed class InheritedListeners : IDisposable
{
    private readonly List<ListenerDescriptors> _left = [];

    /// <param name="entries">Entries of the same address count as one, except with port 0, where each is another port.</param>
    public InheritedListeners(IEnumerable<ListenerDescriptors> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        foreach (ListenerDescriptors entry in entries)
        {
            foreach (int descriptor in entry.Descriptors) NativeDescriptor.SetCloseOnExec(descriptor);
            int same = entry.Address.EndsWith(":0", StringComparison.Ordinal) ? -1 : _left.FindIndex(e => e.Address == entry.Address);
            if (same < 0) _left.Add(entry);
            else _left[same] = Join(_left[same], entry);
        }
    }

    /// <summary>
    /// What no configured address has asked for: still open before <see cref="ProxyEngine.Prepare"/> or <see cref="Dispose"/>, closed
    /// after.
    /// </summary>
    public ImmutableArray<ListenerDescriptors> Unused => [.. _left];

    /// <summary>
    /// Whether a loop may go without a socket when no descriptor is left for a duplicate, as long as every socket has a loop. Otherwise
    /// that is an error.
    /// </summary>
    public bool SharesWhatIsLeft { get; init; }

    private bool _closed;

    /// <summary>What a descriptor is, for sockets that come without a description (LISTEN_FDS, sd_listen_fds(3)).</summary>
    /// <returns>
    /// The address as it stands in a configuration, or null and what is wrong with the descriptor: it is not open, no stream socket
    /// (SO_TYPE, SO_ACCEPTCONN, socket(7)), does not listen, or is of another family.
    /// </returns>
    public static (string? Address, string? Error) Describe(int descriptor)
    {
        if (NativeListener.FindFlaw(descriptor) is { } flaw) return (null, flaw);
        string? address = NativeListener.DescribeName(descriptor);
        return address is null ? (null, "it is neither a TCP nor a UNIX socket with a name") : (address, null);
    }

    /// <summary>Closes what is left. Other processes that hold these sockets continue with them undisturbed.</summary>
    public void Dispose()
    {
        if (_closed) return;
        _closed = true;
        foreach (ListenerDescriptors entry in _left) Close(entry.Descriptors);
    }

    /// <summary>The sockets for this address, each served by at least one loop; null when none was inherited.</summary>
    /// <exception cref="BindException">What was inherited is not what the configuration asks for.</exception>
    internal (BoundListener[] Bound, bool KeepsFile)? Take(ListenAddress address, int loops, ITransportFactory transports)
    {
        int index = _closed ? -1 : _left.FindIndex(e => e.Address == address.Text);
        if (index < 0) return null;
        ListenerDescriptors entry = _left[index];
        foreach (int descriptor in entry.Descriptors) Check(address, descriptor);
        // A process that was about to close them, and has died, may have left them deaf.
        if (!entry.KeepsFile && address.UnixPath is null) Array.ForEach([.. entry.Descriptors], NativeListener.LetHandshakesBegin);
        _left.RemoveAt(index);
        ISocketFile? file = entry.KeepsFile || address.UnixPath is not { } path ? null : new OwnedSocketFile(path, entry.File);
        return ([.. Wrap(address, entry.Descriptors, loops, transports).Select(b => b with { File = file, IsInherited = !entry.IsOwn })],
            entry.KeepsFile);
    }

    /// <summary>What holds for one of the sockets holds for the address.</summary>
    private static ListenerDescriptors Join(ListenerDescriptors one, ListenerDescriptors other) => one with
    {
        Descriptors = one.Descriptors.AddRange(other.Descriptors),
        KeepsFile = one.KeepsFile || other.KeepsFile,
        IsOwn = one.IsOwn && other.IsOwn,
    };

    private static void Check(ListenAddress address, int descriptor)
    {
        (string? found, string? error) = Describe(descriptor);
        // A port that the kernel chose cannot be known from the address.
        bool isOther = found is not null && address.EndPoint is not IPEndPoint { Port: 0 } && found != address.Text;
        if (isOther) error = $"it is bound to {found}";
        else if (error is null && address.EndPoint is IPEndPoint ip && ip.Address.Equals(IPAddress.IPv6Any))
            error = FindFamilyFlaw(address, descriptor);
        if (error is null) return;
        throw new BindException(string.Create(
            CultureInfo.InvariantCulture, $"cannot listen on {address}: the socket that was passed for it (descriptor {descriptor}) is not "
            + $"what the configuration asks for: {error}"));
    }

    private static string? FindFamilyFlaw(ListenAddress address, int descriptor)
    {
        bool isIPv6Only = NativeListener.IsIPv6Only(descriptor);
        if (isIPv6Only != address.IsDualStack) return null;
        return isIPv6Only
            ? "it takes only IPv6 clients (IPV6_V6ONLY), and the configuration requires IPv4 clients too: create it without that option "
            + "(systemd: BindIPv6Only=both), or turn dualStack off"
            : "it takes IPv4 clients too, and the configuration requires only IPv6 clients: create it with IPV6_V6ONLY (systemd: "
            + "BindIPv6Only=ipv6-only), or turn dualStack on";
    }

    /// <summary>
    /// A socket without a loop would keep its queue for itself, and a loop without a socket would have no clients: so some loops get
    /// several, or several loops share one. A UNIX socket has one queue in any case, and one loop that accepts from it, as one that is
    /// bound here.
    /// </summary>
    private List<BoundListener> Wrap(ListenAddress address, ImmutableArray<int> descriptors, int loops, ITransportFactory transports)
    {
        List<BoundListener> bound = [.. descriptors.Select(descriptor => transports.Wrap(address, descriptor))];
        try
        {
            for (int i = bound.Count; address.UnixPath is null && i < loops; i++)
            {
                int duplicate = NativeListener.Duplicate(descriptors[i % descriptors.Length]);
                bound.Add(transports.Wrap(address, duplicate) with { IsDuplicate = true });
            }
        }
        catch (BindException) when (SharesWhatIsLeft)
        {
            // Every socket has a loop.
        }
        catch (BindException)
        {
            foreach (BoundListener listener in bound) transports.Release(listener);
            throw;
        }
        return bound;
    }

    private static void Close(ImmutableArray<int> descriptors)
    {
        foreach (int descriptor in descriptors) NativeDescriptor.Close(descriptor);
    }
}
