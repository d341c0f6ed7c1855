using System.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Testing.Peers;

/// <summary>Starts nginx as an HTTP server in the foreground, with all its files in a folder of its own. It holds nothing.</summary>
public static class NginxProcess
{
    /// <summary>Starts it and waits until it listens. The process owns the folder.</summary>
    /// <param name="folder">Its working folder.</param>
    /// <param name="http">What stands in the http block, ngx_http_core_module.</param>
    /// <param name="listens">The addresses that its server blocks name.</param>
    public static Task<PeerProcess> StartAsync(TempFolder folder, string http, params IPEndPoint[] listens)
    {
        ArgumentNullException.ThrowIfNull(folder);
        folder.Write("nginx.conf", $$"""
            daemon off;
            pid nginx.pid;
            error_log stderr notice;
            worker_processes 1;
            events { worker_connections 4096; }
            http {
                access_log off;
                client_body_temp_path body;
                proxy_temp_path proxy;
                fastcgi_temp_path fastcgi;
                uwsgi_temp_path uwsgi;
                scgi_temp_path scgi;
                {{http}}
            }
            """);
        return PeerProcess.StartAsync(folder, RequiresPeer.NginxPath, ["-p", folder.Path, "-e", "stderr", "-c", "nginx.conf"], listens);
    }
}
