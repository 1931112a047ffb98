namespace Cluster.Model.States;

public enum ServiceMode { Replicated, Global }

public enum RestartCondition { None, OnFailure, Any }

public enum PortProtocol { Tcp, Udp, Sctp }

public enum PublishMode { Ingress, Host }

public enum MountType { Bind, Volume, Tmpfs }

public enum EndpointMode { Vip, Dnsrr }

public enum UpdateOrder { StopFirst, StartFirst }

public enum UpdateFailureAction { Pause, Continue, Rollback }
