namespace FastTcpProxy.Compare.Contestants;

/// <summary>
/// The configuration of each contestant for the same work: one listener with a deep backlog, one upstream, no log, no timeout that would
/// end a connection of the load. Pure, any thread.
/// </summary>
internal static class Configurations
{
    public const string NginxModule = "/usr/lib/nginx/modules/ngx_stream_module.so";

    /// <summary>Longer than any measurement.</summary>
    private const int TimeoutSeconds = 300;

    private const int Backlog = 16_384;

    /// <summary>
    /// HAProxy takes two pipes for each connection it splices, of its descriptors: it is given these for its few streams.
    /// </summary>
    private const int SplicePipesMax = 400, SpliceConnectionsMax = 1_000, SplicePipeBytes = 1 << 20;

    /// <param name="keys">Of the service; a second upstream, on which no one listens, is listed with them.</param>
    public static string FastTcpProxy(ContestantSetup setup, string keys = "") =>
        $$"""
        {
          "services": [
            {
              "name": "compare",
              "listen": ["127.0.0.1:{{setup.ListenPort}}"],
              "mode": "{{setup.Mode switch { ProxyMode.Raw => "raw", ProxyMode.V1 => "proxy-v1", _ => "proxy-v2" }}}",
              "connectTimeout": "{{TimeoutSeconds}}s",
              {{(keys.Length > 0 ? keys + "," : "")}}
              "upstreams": [
                { "address": "127.0.0.1:{{setup.UpstreamPort}}" }{{(keys.Length > 0 ? ", { \"address\": \"127.0.0.1:1\" }" : "")}}
              ]
            }
          ],
          "engine": { "threads": {{setup.Threads}} }
        }

        """;

    public static string HAProxy(ContestantSetup setup, bool splice) =>
        $"""
        global
            nbthread {setup.Threads}
            maxconn {(splice ? Math.Min(SpliceConnectionsMax, setup.Connections) : setup.Connections)}
        {(splice ? $"    maxpipes {SplicePipesMax}\n    tune.pipesize {SplicePipeBytes}\n" : "")}
        defaults
            mode tcp
            retries 0
            timeout connect {TimeoutSeconds}s
            timeout client {TimeoutSeconds}s
            timeout server {TimeoutSeconds}s
        {(splice ? "    option splice-request\n    option splice-response\n" : "")}
        frontend clients
            bind 127.0.0.1:{setup.ListenPort} backlog {Backlog}
            default_backend upstream

        backend upstream
            server only 127.0.0.1:{setup.UpstreamPort}{setup.Mode switch { ProxyMode.Raw => "", ProxyMode.V1 => " send-proxy", _ => " send-proxy-v2" }}

        """;

    /// <param name="folder">Where it may write.</param>
    public static string Nginx(ContestantSetup setup, string folder) =>
        $$"""
        daemon off;
        pid {{folder}}/nginx.pid;
        error_log stderr error;
        load_module {{NginxModule}};
        worker_processes {{setup.Threads}};
        worker_rlimit_nofile {{setup.Connections * 2 + 100}};
        events { worker_connections {{setup.Connections * 2 + 50}}; }
        stream {
            server {
                listen 127.0.0.1:{{setup.ListenPort}} backlog={{Backlog}}{{(setup.Threads > 1 ? " reuseport" : "")}};
                proxy_pass 127.0.0.1:{{setup.UpstreamPort}};
                proxy_protocol {{(setup.Mode == ProxyMode.Raw ? "off" : "on")}};
                proxy_connect_timeout {{TimeoutSeconds}}s;
                proxy_timeout {{TimeoutSeconds}}s;
            }
        }

        """;

    /// <summary>The arguments of bench/naive.</summary>
    public static string[] Naive(ContestantSetup setup) =>
        [$"127.0.0.1:{setup.ListenPort}", $"127.0.0.1:{setup.UpstreamPort}", setup.Mode.Name()];
}
