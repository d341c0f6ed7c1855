using System.Net;

namespace FastTcpProxy.Daemon.Tests.Deployments;

/// <summary>A service with one upstream, "a". Immutable.</summary>
/// <param name="Check">The keys of its healthCheck, as they stand in the file.</param>
internal sealed record DeployedService(string Name, IPEndPoint Listen, IPEndPoint Upstream, string Mode, string Check);
