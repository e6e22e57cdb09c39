// What the modules share with each other and with Home Assistant's frontend. Only for
// the type check.

export type Localize = (key: string, values?: Record<string, string>) => string;

export interface Hass {
  user: { is_admin: boolean };
  locale: { language: string; time_zone: string; time_format: string };
  config: { time_zone: string };
  entities: Record<string, EntityEntry>;
  devices: Record<string, { primary_config_entry?: string | null }>;
  connection: {
    subscribeMessage<T>(changed: (event: T) => void, command: object): Promise<() => void>;
    addEventListener(name: "ready", listener: () => void): void;
    removeEventListener(name: "ready", listener: () => void): void;
  };
  callWS<T>(command: object): Promise<T>;
  callApi(method: string, path: string, data?: object): Promise<FlowStep>;
  hassUrl(path: string): string;
  loadBackendTranslation(category: string, integration: string): Promise<Localize>;
}

export interface EntityEntry {
  entity_id: string;
  platform: string;
  translation_key?: string;
  device_id?: string;
}

export interface FlowStep {
  flow_id: string;
  type: string;
  errors?: Record<string, string>;
  reason?: string;
}

export interface Account {
  config_entry_id: string;
  title: string;
  days: number | null;
  unread: number;
  can_send: boolean;
  phones: Phone[];
  contacts: { name: string; phone_number: string }[];
}

export interface Phone {
  device_id: string;
  gateway_device_id: string;
  name: string;
  sims: { sim_number: number; name: string | null }[];
}

export interface Place {
  config_entry_id: string;
  conversation: string;
}

export interface Message extends Place {
  id: number;
  number: string;
  contact: string | null;
  is_outgoing: boolean;
  kind: string;
  text: string | null;
  subject: string | null;
  files: File[];
  state: string | null;
  error: string | null;
  time: number;
  states: Record<string, number>;
  message_id: string | null;
  gateway_device_id: string | null;
  sim_number: number | null;
  parts_count: number | null;
  is_unread: boolean;
  unread?: number;
}

export interface File {
  name: string | null;
  content_type: string;
  size: number | null;
  media_content_id?: string | null;
}

export interface Change {
  config_entry_id: string;
  messages: Message[];
  is_complete: boolean;
}

export interface Draft {
  config_entry_id: string;
  number: string;
  message: string;
  device_id?: string;
  sim_number?: number;
  schedule_at?: string;
}

export interface CardConfig {
  type: string;
  title?: string;
  config_entry_id?: string;
  conversation?: string;
}

declare global {
  interface Window {
    customCards?: object[];
  }
}
