using Microsoft.AspNetCore.Http;

namespace FastTcpProxy.Daemon.Admin;

/// <summary>What a method does at a path. Immutable, any thread.</summary>
/// <param name="Method">In capitals. GET stands for HEAD too.</param>
/// <param name="Path">Compared byte by byte.</param>
/// <param name="HandleAsync">Writes the answer. On the thread pool; a request's time has no bound, so it must not wait for anything.</param>
internal sealed record AdminRoute(string Method, string Path, Func<HttpContext, Task> HandleAsync)
{
    public bool Takes(string method) => method == Method || (HttpMethods.IsHead(method) && HttpMethods.IsGet(Method));
}
