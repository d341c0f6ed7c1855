using System.Collections.Immutable;
using System.Net;

namespace FastTcpProxy.Control.Resolution;

/// <summary>The addresses of DNS names as they are known now; never blocks. Any thread.</summary>
public interface IAddressBook
{
    /// <summary>In the order in which they are tried; empty when the name has none, and then why not.</summary>
    ImmutableArray<IPAddress> Find(string name, out string? error);
}
