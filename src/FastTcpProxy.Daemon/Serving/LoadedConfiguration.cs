using FastTcpProxy.Control.Configuration.Model;

namespace FastTcpProxy.Daemon.Serving;

/// <summary>A configuration, and where it is from. Immutable.</summary>
/// <param name="Configuration">With the overrides of the command line applied.</param>
/// <param name="Text">As it was written, UTF-8.</param>
/// <param name="Source">The file, or the request that sent it.</param>
/// <param name="Author">Who loaded it.</param>
/// <param name="At">When.</param>
internal sealed record LoadedConfiguration(ProxyConfiguration Configuration, ReadOnlyMemory<byte> Text, string Source, string Author,
    DateTimeOffset At);
