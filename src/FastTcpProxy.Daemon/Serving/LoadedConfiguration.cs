using FastTcpProxy.Control.Configuration.Model;

namespace FastTcpProxy.Daemon.Serving;

/// <summary>A configuration, and where it is from. Immutable.</summary>
/// <param name="Configuration">With what the command line says in place of it.</param>
/// <param name="Text">As it was written, UTF-8.</param>
/// <param name="Source">The file, or how else it came.</param>
/// <param name="Author">Who had it loaded.</param>
/// <param name="At">When.</param>
internal sealed record LoadedConfiguration(ProxyConfiguration Configuration, ReadOnlyMemory<byte> Text, string Source, string Author, DateTimeOffset At);
